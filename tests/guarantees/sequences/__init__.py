"""Random sequences of events: no record is lost in any of them."""
