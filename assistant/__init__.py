"""What Rasa calls: graph components for understanding, the tracker store, the generator."""
