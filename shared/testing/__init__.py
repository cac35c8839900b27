"""What tests of every level share: tokens, organisations, people, a service around a real database."""
