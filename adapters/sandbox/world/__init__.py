"""The invented population: how it is generated for a seed and how it changes from day to day."""
