/// Amazon Route 53: the public name of a cluster, and where it leads.
@NullMarked
package dev.lifeboat.route53;

import org.jspecify.annotations.NullMarked;
