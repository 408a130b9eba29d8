"""The second engine: each model of the results evaluated by another library."""
