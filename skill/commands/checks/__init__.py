"""What `sciatica-coach check` looks at, each part in a module of its own."""
