"""The metrics of the field, as plain functions and as `Metric` specs."""
