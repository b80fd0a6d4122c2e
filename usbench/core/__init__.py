"""The contracts of the four kinds of plugin, samples, parameters, and errors."""
