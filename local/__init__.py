"""`http | python-processor --reversestring=true | log` on one machine, without Data Flow."""
