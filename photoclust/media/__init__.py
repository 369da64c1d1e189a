"""Files and pixels: finding pictures, reading them safely, what EXIF tells, and thumbnails.

Nothing here knows of faces, models or the database. Originals are only ever opened for reading.
"""
