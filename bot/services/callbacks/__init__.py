"""What the IM tells by itself: taken in once each, kept until it is processed, applied."""
