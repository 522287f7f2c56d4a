// Which implementation seals and hashes. Rule: the fastest that is there, unless the person who starts the process says
// otherwise.

package org.coffre.jvm

import org.coffre.host.jvm.JcaCryptoProvider
import org.coffre.host.ports.CryptoProvider

/** Conscrypt where it loads, else the JDK's own; the system property `coffre.crypto` may say `jdk` or `conscrypt`. */
fun chooseCrypto(): CryptoProvider {
    val wish = System.getProperty("coffre.crypto")
    if (wish == "jdk") return JcaCryptoProvider(null)
    val conscrypt = runCatching { org.conscrypt.Conscrypt.newProvider() }
    if (wish == "conscrypt") return JcaCryptoProvider(conscrypt.getOrThrow())
    return JcaCryptoProvider(conscrypt.getOrNull())
}
