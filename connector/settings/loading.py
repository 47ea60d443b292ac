"""A settings folder to a `Configuration`: every mistake at once, or a value that needs no further check."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from connector.domain.programs import Mode, Policy, Program, RelationshipRule
from connector.ports.crm import CrmSpec
from connector.settings import house as parts
from connector.settings.acting import demand_stand_in
from connector.settings.checking import Checker
from connector.settings.configuration import Configuration
from connector.settings.documents import Document
from connector.settings.facts import as_mapping
from connector.settings.folder import HOUSE, PROGRAMS, RELATIONSHIPS, SURVEYS, read_folder
from connector.settings.house import House, read_house
from connector.settings.house_keys import HouseKeys
from connector.settings.listed import demand_test_list
from connector.settings.misspelt import keys_of, respelt
from connector.settings.mistakes import Mistakes
from connector.settings.our_words import our_words
from connector.settings.program_keys import Vocabulary
from connector.settings.programs import read_programs
from connector.settings.relationships import declared_types, read_relationships
from connector.settings.scales import check_score_scales
from connector.settings.surveys import read_surveys
from connector.settings.yaml_reading import read_yaml


def load(folder: Path, *, specs: Mapping[str, CrmSpec], environ: Mapping[str, str]) -> Configuration:
    """The configuration of a folder, references resolved from `environ`. Raises ConfigError with all mistakes."""
    mistakes = Mistakes()
    texts = read_folder(folder, mistakes=mistakes)
    read = {name: read_yaml(name, text=text, mistakes=mistakes) for name, text in texts.items()}
    documents = {name: respelt(each, keys_of(name), mistakes=mistakes) for name, each in read.items()}
    house_file = documents.get(HOUSE)
    house = None
    if house_file is not None:
        house = read_house(house_file, specs=specs, environ=environ, mistakes=mistakes)
        programs_files = _under(PROGRAMS, documents, mistakes)
        demand_stand_in(Checker(house_file, mistakes=mistakes), programs=programs_files)
        demand_test_list(Checker(house_file, mistakes=mistakes), programs=programs_files)
    rules, programs = _read_policy(documents, house=house, mistakes=mistakes)
    if mistakes.found or house is None or house.keys is None:
        raise mistakes.error()
    policy = Policy(
        mode=Mode(house.keys.mode),
        organisation=parts.organisation(house.keys),
        relationships=rules,
        programs=programs,
        spacing=parts.spacing(house.keys),
        digest=digest(texts),
        actions=parts.actions(house.keys),
        listed=parts.listed(house.keys, crms=house.crms),
    )
    return _configuration(house, keys=house.keys, folder=folder, policy=policy, texts=texts)


def digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and texts of the files, in the order of names, as 64 hexadecimal characters."""
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()


def _read_policy(
    documents: Mapping[str, Document | None], *, house: House | None, mistakes: Mistakes
) -> tuple[tuple[RelationshipRule, ...], tuple[Program, ...]]:
    keys = house.keys if house is not None else None
    language = keys.organisation.language if keys is not None else "en"
    survey_files = _under(SURVEYS, documents, mistakes)
    surveys = read_surveys(survey_files, language=language)
    check_score_scales(survey_files, surveys=surveys, house=documents.get(HOUSE))
    file = documents.get(RELATIONSHIPS)
    words = Vocabulary(
        facts=as_mapping(house.book) if house is not None and house.crms_are_known else None,
        doubtful=frozenset(house.book.doubtful) if house is not None else frozenset(),
        fields=our_words(house.crms) if house is not None else {},
        relationships=declared_types(file),
        surveys=_survey_ids(documents),
        mode=house.mode if house is not None else None,
    )
    rules = read_relationships(Checker(file, mistakes=mistakes), words=words) if file is not None else ()
    return rules, read_programs(_under(PROGRAMS, documents, mistakes), words=words, surveys=surveys)


def _under(folder: str, documents: Mapping[str, Document | None], mistakes: Mistakes) -> list[Checker]:
    ours = [document for name, document in documents.items() if name.startswith(f"{folder}/")]
    return [Checker(document, mistakes=mistakes) for document in ours if document is not None]


def _survey_ids(documents: Mapping[str, Document | None]) -> frozenset[str] | None:
    """The ids that the surveys claim, also those with mistakes; None where one of the files cannot be read."""
    files = [document for name, document in documents.items() if name.startswith(f"{SURVEYS}/")]
    if None in files:
        return None
    return frozenset(str(document.at(("id",))) for document in files if document is not None)


def _configuration(
    house: House, *, keys: HouseKeys, folder: Path, policy: Policy, texts: Mapping[str, str]
) -> Configuration:
    return Configuration(
        policy=policy,
        crms=house.crms,
        mail=parts.mail(keys.mail),
        public_url=keys.public_url,
        listen=keys.listen.public,
        console=keys.listen.console,
        data_dir=parts.data_dir(keys, folder=folder),
        database_url=parts.database_url(keys, folder=folder),
        instance_key=tuple(keys.instance_key),
        write_back=parts.write_back(keys),
        facts=as_mapping(house.book),
        texts=dict(sorted(texts.items())),
    )
