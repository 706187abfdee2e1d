"""The skill package that ask-cli uploads, made from `skill/content`."""
