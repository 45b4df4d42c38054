"""Names of the people in the demo data, from many places; `shown|letters` where an e-mail address needs other letters."""

from storage.search import fold

_FIRST = """
Ava Liam Noah Emma Mia Lucas Elena Marco Sofía Mateo Valentina Diego Camila Joaquín Lucía Andrés Zoë Søren Freja Lars Åsa Björn Ingrid
Jürgen Käthe Anneliese Matthias François Chloé Amélie Étienne Margaux Giulia Lorenzo Chiara Beatriz João Inês Thiago Łukasz Małgorzata
Zofia Jan Jiří Kateřina Dmitri Olena Наталя|natalia Дмитро|dmytro Ελένη|eleni Γιώργος|giorgos Ayşe Mehmet Çağla Emre Noor Layla Omar Yusuf
Amina Fatima Priya Arjun Ananya Rohan Kavya Vikram 美咲|misaki 健太|kenta 明|ming 芳|fang 민준|minjun 서연|seoyeon Linh Thảo Minh Siti Putri
Kwame Ama Chinedu Ngozi Wanjiru Kamau Thandi Sipho Zanele Tāne Mereana Malia Keoni Grace Henry Ruth Samuel Hannah Daniel Leah Isaac Naomi
"""
_LAST = """
Smith Johnson Brown Taylor Wilson Clark Walker Hughes O'Brien Murphy García Martínez Rodríguez López Hernández Fernández Peña Muñoz Silva
Santos Pereira Conceição Rossi Ricci Moretti Dubois Lefèvre Moreau Müller Schäfer Weiß Köhler Jansen de|de-Vries Visser Sørensen Østergaard
Lindström Ångström Virtanen Mäkelä Nowak Wójcik Kowalczyk Novák Dvořák Horváth Szabó Popescu Ionescu Petrov Kovalenko Шевченко|shevchenko
Παπαδόπουλος|papadopoulos Yildirim Şahin Demir Haddad Khoury Rahman Hussain Patel Sharma Iyer Nguyen Trần
Phạm 佐藤|sato 鈴木|suzuki 王|wang 李|li
김|kim 박|park Tanaka Chen Okafor Adeyemi Mensah Boateng Njoroge Mwangi Nkosi Dlamini Te|te-Rangi Kealoha Cohen Levy Goldberg Fischer
"""


def _pairs(text: str) -> list[tuple[str, str]]:
    """Shown name, and its letters for an address."""
    found = []
    for word in text.split():
        shown, _, letters = word.partition("|")
        shown = f"{shown} {letters.partition('-')[2]}" if "-" in letters else shown
        plain = fold(letters or shown).replace("-", "")
        found.append((shown, "".join(letter for letter in plain if letter.isascii() and letter.isalpha())))
    return found


FIRST = _pairs(_FIRST)
LAST = _pairs(_LAST)
HOSTS = ("example.org", "example.com", "example.net")
AREAS = (
    "201",
    "202",
    "206",
    "212",
    "213",
    "303",
    "305",
    "312",
    "404",
    "415",
    "503",
    "512",
    "602",
    "617",
    "646",
    "702",
    "713",
    "808",
    "907",
    "917",
)
STREETS = ("Maple Street", "Harbour Road", "Kastanienallee", "Rua das Flores", "Calle Mayor", "Station Road", "Park Avenue", "Storgatan")
TOWNS = ("Portland, OR", "Galway", "Berlin", "Lisboa", "Sevilla", "Auckland", "Chicago, IL", "Uppsala", "Toronto, ON", "Nairobi")
TAGS = ("newsletter", "referral", "workshop", "career", "leadership", "vip", "podcast", "returning", "team", "student", "evening", "online")
NOTES = (
    "Met at the spring workshop; curious about a career change.",
    "Prefers morning sessions. Works across time zones.",
    "Referred by a former client. Wants to grow into a lead role.",
    "Call back after the summer holidays.",
    "Very engaged; sends reflections between sessions.",
    "Budget comes from the employer, invoice goes to HR.",
)
FIELDS = (("Company", ("Northwind", "Contoso", "Fabrikam", "Self-employed")), ("Preferred time", ("Mornings", "Evenings", "Weekends")))
