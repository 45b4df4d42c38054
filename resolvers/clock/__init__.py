"""What is due by the clock: steps that waited, enrollments that expire, services that go on, and what is kept no longer."""
