"""The local smart speaker: hears text, sends genuine Alexa requests, plays the answer."""
