/// `./lifeboat demo`: the main job on a real three-node cluster, every step proven, nothing left.
@NullMarked
package dev.lifeboat.lab.demo;

import org.jspecify.annotations.NullMarked;
