"""The training sets that the deep baselines and `gan-d-short` have in common, so that they can be compared."""

TRAINING_SETS = "gan-d"  # the pairs of `gan-d`, without lesions
