"""What a scenario's author runs: the contract, and the tiny synthetic city it is held against."""
