"""What is not the product: the simulated phone company, simulation, benchmarks, demo."""
