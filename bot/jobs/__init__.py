"""The alarm clock and the housekeeping jobs; they only call services."""
