"""What identifies a person in a DICOM file."""

from pathlib import Path

IDENTIFYING = (
    "PatientName", "PatientID", "PatientBirthDate", "OtherPatientIDs", "PatientAddress", "PatientTelephoneNumbers",
    "AccessionNumber", "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "InstitutionName",
)  # fmt: skip


def identifying(source: Path) -> list[str]:
    """Return what identifies a person in a DICOM file: names of filled tags, and burnt-in annotation."""
    import pydicom

    header = pydicom.dcmread(source, stop_before_pixels=True)
    found = [key for key in IDENTIFYING if str(header.get(key) or "").strip("^ ")]
    burnt = str(header.get("BurnedInAnnotation") or "").upper() == "YES"
    return [*found, *(["burnt-in annotation"] if burnt else [])]
