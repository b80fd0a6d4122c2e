"""The networks that despeckling papers compare with, all trained on the pairs of `gan-d-short`."""
