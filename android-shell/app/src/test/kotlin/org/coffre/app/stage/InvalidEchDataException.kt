// A class of an Android newer than all that Robolectric has. Rule: HotSpot looks it up when it links okhttp-android; a phone does not.

package android.net.ssl

class InvalidEchDataException : Exception()
