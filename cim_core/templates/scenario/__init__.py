"""The scenario my_scenario: how much of the city lies near main roads."""
