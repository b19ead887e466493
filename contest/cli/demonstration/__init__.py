"""The demonstration: invented people, painted films, three editions at three moments."""
