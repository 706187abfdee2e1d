"""ASK request handlers: intent -> event -> reply -> response. One file per family of intents."""
