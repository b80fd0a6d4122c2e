"""Public B-mode sets as they lie on people's disks: each a short declaration on a generic reader."""
