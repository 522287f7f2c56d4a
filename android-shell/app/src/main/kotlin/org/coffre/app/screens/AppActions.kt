// What a person does on the screens. Rule: a screen calls these and changes nothing by itself.

package org.coffre.app.screens

import org.coffre.app.restore.RestoreActions
import org.coffre.app.session.Policy

/** On the way to a pairing. */
interface PairingActions {
    fun fill(form: PairingForm)

    /** A code was seen by the camera. */
    fun scanned(text: String)

    fun cameraFailed()

    /** From the server to the passphrase, when the address is one. */
    fun chooseServer()

    /** Makes a vault or opens one; [secret] belongs to whoever takes it. */
    fun pair(secret: CharArray)

    fun showWords()

    fun checkWords(typed: List<String>)

    /** Pairs this phone anew with the same vault, in the place of what cannot go on; asks for the passphrase next. */
    fun pairAgain()
}

/** What is backed up, and when. */
interface SourceActions {
    fun choose(folder: String)

    /** Adds what was chosen and begins with it. */
    fun begin()

    fun remove(name: String)

    /** Leaves out of [source] what [patterns] say, a line each. */
    fun exclude(
        source: Source,
        patterns: List<String>,
    )

    fun setPolicy(policy: Policy)
}

/** All of it. */
interface AppActions {
    val pairing: PairingActions
    val sources: SourceActions
    val restore: RestoreActions

    fun go(step: Step)

    fun backUpNow()

    fun pause(isPaused: Boolean)

    /** Watches all the time from now on, or no more. */
    fun watchAlways(isWanted: Boolean)

    fun askAccess()

    fun askCamera()

    /** Before Android 11: for putting files into Download. */
    fun askWriting()

    fun pickFolder()

    /** Android's own page for the app's language, where there is one. */
    fun chooseLanguage()

    /** Android's own page for apps that it does not end to save power. */
    fun openBattery()

    /** Android's own page for the app, where a permission that was refused for good can be given. */
    fun openSettings()
}
