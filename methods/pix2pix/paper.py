"""The paper of the GANs `D` and `S`."""

CITATION = "Vieira et al., IEEE Access 12:45811-45823, 2024"
DOI = "10.1109/ACCESS.2024.3381630"
