@NullMarked
package dev.lifeboat.lab.experiment;

import org.jspecify.annotations.NullMarked;
