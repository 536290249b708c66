"""Group membership, offsets and the delivery guarantees."""
