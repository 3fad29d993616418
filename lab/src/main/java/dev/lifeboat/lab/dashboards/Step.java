package dev.lifeboat.lab.dashboards;

/// From a value on, values have a colour.
record Step(double from, Colour colour) {}
