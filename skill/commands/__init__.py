"""The commands of `sciatica-coach`, one file each."""
