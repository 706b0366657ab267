"""What a step costs on paper: operations, memory traffic and exchanges counted in its graph, and a model of time."""
