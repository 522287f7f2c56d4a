// What the errors of a connection mean (docs/host-api.md H-13), as the JDK says them and as Android does. Rule: who cannot be trusted
// is `tls`, and a line that broke is not.

package org.coffre.host.jvm

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.EOFException
import java.io.IOException
import java.net.ConnectException
import java.net.SocketException
import java.net.SocketTimeoutException
import java.security.cert.CertificateException
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLPeerUnverifiedException

class NoAnswerReasonTest {
    private fun reasonOf(
        error: IOException,
        cause: Throwable? = null,
    ) = noAnswerReasonOf(if (cause == null) error else error.apply { initCause(cause) }, isConnected = true)

    @Test
    fun `a connection that broke below TLS is a reset, in Android's words too`() {
        val errors =
            listOf(
                SSLException("Read error: ssl=0x7b1: I/O error during system call, Connection reset by peer"),
                SSLException("Write error: ssl=0x7b1: I/O error during system call, Broken pipe"),
                SSLHandshakeException(
                    "SSL handshake aborted: ssl=0x7b1: I/O error during system call, Connection reset by peer",
                ),
                SSLHandshakeException("Connection closed by peer"),
                SSLHandshakeException("connection closed"),
                SSLException("Read error: ssl=0x7b1: I/O error during system call, Software caused connection abort"),
                SSLException(
                    "closing inbound before receiving peer's close_notify",
                ).apply { initCause(EOFException()) },
            )
        for (error in errors) assertEquals("reset", reasonOf(error), error.message)
    }

    @Test
    fun `a connection that timed out below TLS is a timeout`() {
        assertEquals("timeout", reasonOf(SocketTimeoutException("SSL handshake timed out")))
        val read = "Read error: ssl=0x7b1: I/O error during system call, Connection timed out"
        assertEquals("timeout", reasonOf(SSLException(read)))
    }

    @Test
    fun `a server that cannot be trusted is not a line that broke`() {
        val path = "java.security.cert.CertPathValidatorException: Trust anchor for certification path not found."
        assertEquals("tls", reasonOf(SSLHandshakeException(path), CertificateException("no anchor")))
        assertEquals("tls", reasonOf(SSLPeerUnverifiedException("Hostname other.example not verified")))
        assertEquals("tls", reasonOf(SSLException("Unable to parse TLS packet header")))
    }

    @Test
    fun `what happens without TLS keeps its names`() {
        assertEquals("unreachable", reasonOf(ConnectException("Failed to connect")))
        assertEquals("reset", reasonOf(SocketException("Software caused connection abort")))
    }
}
