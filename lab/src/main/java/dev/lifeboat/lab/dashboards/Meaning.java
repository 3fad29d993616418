package dev.lifeboat.lab.dashboards;

/// A value that is a word and not a quantity.
record Meaning(double value, String text, Colour colour) {}
