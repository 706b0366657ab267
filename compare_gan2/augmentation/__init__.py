"""What is done to images before the discriminator sees them: DiffAugment, ADA, flips with shifts, and APA's mix."""
