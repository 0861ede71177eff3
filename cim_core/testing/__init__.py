"""What a scenario's author runs: the contract and the tiny city."""
