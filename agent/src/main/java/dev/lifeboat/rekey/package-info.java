/// New shares of the key that opens a cluster, on both products: made, stored durably, verified,
/// and proven. Whatever happens meanwhile, the old ones or the new ones open it, and the record
/// says where both are.
@NullMarked
package dev.lifeboat.rekey;

import org.jspecify.annotations.NullMarked;
