/// The longer experiments of `./lifeboat lab NAME`: what the tests only sample, measured in full.
@NullMarked
package dev.lifeboat.lab.experiment;

import org.jspecify.annotations.NullMarked;
