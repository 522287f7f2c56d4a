// The app's process. Rule: one engine, made when somebody needs it; whenever the process begins, everything is scheduled again.

package org.coffre.app

import android.Manifest
import android.app.Application
import android.content.Context
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.os.Build
import android.os.StrictMode
import androidx.work.Configuration
import org.coffre.app.files.MediaAccess
import org.coffre.app.schedule.LongWork
import org.coffre.app.schedule.LongWorkDesk
import org.coffre.app.schedule.Schedule
import org.coffre.app.screens.AppModel
import org.coffre.app.screens.PhoneServices
import org.coffre.app.session.OneEngine
import java.util.concurrent.Executors

class CoffreApp :
    Application(),
    Configuration.Provider {
    val engine: OneEngine by lazy { OneEngine(this) }

    /** What goes on when its owner leaves the app. */
    val longWork = LongWorkDesk()

    /** What the screens show; it lives as long as the process. */
    val model: AppModel by lazy {
        AppModel(engine, PhoneServicesHere(), Executors.newSingleThreadExecutor { Thread(it, "coffre-model") })
    }

    /** WorkManager is made when it is first asked for; its jobs keep clear of the app's own numbers. */
    override val workManagerConfiguration: Configuration
        get() = Configuration.Builder().setJobSchedulerJobIdRange(FIRST_WORK_ID, LAST_WORK_ID).build()

    override fun onCreate() {
        super.onCreate()
        if (applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0) beStrict()
        Schedule(this).renew()
    }

    private inner class PhoneServicesHere : PhoneServices {
        override val deviceName: String = Build.MODEL

        override fun readAccess() = MediaAccess.read(this@CoffreApp)

        override fun givesOriginals() = MediaAccess.givesOriginals(this@CoffreApp)

        override fun mayUseCamera() =
            checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

        override fun schedule() = Schedule(this@CoffreApp).renew()

        override fun readSystem() = Schedule(this@CoffreApp).readSystem()

        override fun setContinuous(isContinuous: Boolean) = Schedule(this@CoffreApp).setContinuous(isContinuous)

        override fun carryOn(work: LongWork) {
            longWork.leave(work)
            Schedule(this@CoffreApp).carryOn()
        }
    }

    /** In builds for trying out, what a screen must not do is written to the log. */
    private fun beStrict() {
        StrictMode.setThreadPolicy(
            StrictMode.ThreadPolicy
                .Builder()
                .detectAll()
                .penaltyLog()
                .build(),
        )
        StrictMode.setVmPolicy(
            StrictMode.VmPolicy
                .Builder()
                .detectLeakedClosableObjects()
                .detectActivityLeaks()
                .penaltyLog()
                .build(),
        )
    }

    companion object {
        private const val FIRST_WORK_ID = 1_000
        private const val LAST_WORK_ID = 20_000

        /** The app that [context] belongs to. */
        fun of(context: Context): CoffreApp = context.applicationContext as CoffreApp
    }
}
