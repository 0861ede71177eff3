"""Road traffic of the city: demand, network, simulation with SUMO."""
