"""Which images a person should label, and the page to label them on."""
