// Link, power and time zone of the phone (docs/host-api.md §2, `conditions`). Rule: below a VPN, since "Wi-Fi only" means the
// network that costs nothing, and Android calls most VPNs metered.

package org.coffre.app.ports

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_INTERNET
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_VPN
import android.net.NetworkRequest
import android.os.BatteryManager
import android.os.Build
import org.coffre.host.ports.Conditions
import org.coffre.host.ports.CurrentConditions
import java.util.TimeZone

private const val MINUTE_MS = 60_000

/** What the platform says. */
class PhoneConditions(
    private val context: Context,
) : Conditions {
    private val networks = checkNotNull(context.getSystemService(ConnectivityManager::class.java))
    private val battery = checkNotNull(context.getSystemService(BatteryManager::class.java))

    override fun read(): CurrentConditions {
        val offsetMinutes = TimeZone.getDefault().getOffset(System.currentTimeMillis()) / MINUTE_MS
        return CurrentConditions(readNetwork(), battery.isCharging, offsetMinutes)
    }

    override fun observe(onChange: (CurrentConditions) -> Unit): AutoCloseable {
        val callback =
            object : ConnectivityManager.NetworkCallback() {
                override fun onCapabilitiesChanged(
                    network: Network,
                    networkCapabilities: NetworkCapabilities,
                ) = onChange(read())

                override fun onLost(network: Network) = onChange(read())
            }
        val receiver =
            object : BroadcastReceiver() {
                override fun onReceive(
                    context: Context,
                    intent: Intent,
                ) = onChange(read())
            }
        // VPNs too: what lies below one may change with it.
        val any =
            NetworkRequest
                .Builder()
                .addCapability(
                    NET_CAPABILITY_INTERNET,
                ).removeCapability(NET_CAPABILITY_NOT_VPN)
        networks.registerNetworkCallback(any.build(), callback)
        val actions = IntentFilter(Intent.ACTION_POWER_CONNECTED)
        actions.addAction(Intent.ACTION_POWER_DISCONNECTED)
        actions.addAction(Intent.ACTION_TIMEZONE_CHANGED)
        // Only the system may send these three.
        context.registerReceiver(receiver, actions)
        return AutoCloseable {
            networks.unregisterNetworkCallback(callback)
            context.unregisterReceiver(receiver)
        }
    }

    private fun readNetwork(): CurrentConditions.Network {
        val active = networks.activeNetwork?.let(networks::getNetworkCapabilities)
        val isUsable = active != null && active.hasCapability(NET_CAPABILITY_INTERNET)
        if (active == null || !isUsable) return CurrentConditions.Network.NONE
        val below = if (active.hasCapability(NET_CAPABILITY_NOT_VPN)) emptyList() else readBelow()
        // Of a VPN over nothing that can be seen, its own word counts.
        val counted = below.ifEmpty { listOf(active) }
        return when {
            counted.any(::isUnmetered) -> CurrentConditions.Network.UNMETERED
            counted.all(::isRoaming) -> CurrentConditions.Network.ROAMING
            else -> CurrentConditions.Network.METERED
        }
    }

    /** The networks on which a VPN can lie. */
    private fun readBelow(): List<NetworkCapabilities> =
        networks.allNetworks
            .mapNotNull(networks::getNetworkCapabilities)
            .filter { it.hasCapability(NET_CAPABILITY_INTERNET) && it.hasCapability(NET_CAPABILITY_NOT_VPN) }

    private fun isUnmetered(network: NetworkCapabilities): Boolean {
        val isForNow = Build.VERSION.SDK_INT >= Build.VERSION_CODES.R && network.hasCapability(TEMPORARILY_NOT_METERED)
        return isForNow || network.hasCapability(NET_CAPABILITY_NOT_METERED)
    }

    private fun isRoaming(network: NetworkCapabilities): Boolean {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) return !network.hasCapability(NET_CAPABILITY_NOT_ROAMING)
        // Before Android 9 a network does not say it of itself.
        @Suppress("DEPRECATION")
        return networks.activeNetworkInfo?.isRoaming == true
    }

    private companion object {
        /** NetworkCapabilities.NET_CAPABILITY_TEMPORARILY_NOT_METERED of Android 11. */
        const val TEMPORARILY_NOT_METERED = 25
    }
}
