"""What runs when: the scheduler front, the runners, the demo; one thin file a job."""
