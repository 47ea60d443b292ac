"""How invitations reach people: mail, later other channels."""
