@NullMarked
package dev.lifeboat.lab.demo;

import org.jspecify.annotations.NullMarked;
