// The phone's network as the engine is told of it. Rule: what lies below a VPN is what counts.

package org.coffre.app.ports

import android.net.NetworkCapabilities.NET_CAPABILITY_INTERNET
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING
import android.os.Build
import org.coffre.app.stage.PhoneStage
import org.coffre.host.ports.CurrentConditions.Network
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34])
class PhoneConditionsTest {
    private val stage = PhoneStage()
    private val network get() = PhoneConditions(stage.app).read().network

    @Before
    fun open() = stage.open()

    @After
    fun close() = stage.close()

    @Test
    fun aNetworkIsUnmeteredMeteredOrNone() {
        assertEquals(Network.UNMETERED, network)
        stage.setNetwork(NET_CAPABILITY_INTERNET, NET_CAPABILITY_NOT_ROAMING)
        assertEquals(Network.METERED, network)
        stage.setNetwork(NET_CAPABILITY_NOT_METERED)
        assertEquals(Network.NONE, network)
    }

    @Test
    fun aMeteredVpnOverWiFiCountsAsWiFi() {
        stage.setVpnOver(NET_CAPABILITY_INTERNET, NET_CAPABILITY_NOT_METERED)
        assertEquals(Network.UNMETERED, network)
        stage.setVpnOver(NET_CAPABILITY_INTERNET, NET_CAPABILITY_NOT_ROAMING)
        assertEquals(Network.METERED, network)
    }

    @Test
    fun anotherCountrysNetworkIsRoamingWhereAndroidSaysSo() {
        stage.setNetwork(NET_CAPABILITY_INTERNET)
        val saysSo = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P
        assertEquals(if (saysSo) Network.ROAMING else Network.METERED, network)
    }
}
